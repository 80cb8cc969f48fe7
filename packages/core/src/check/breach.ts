/** A rule of the contract of environments. `checkEnv` reports which was broken; errors of `vectorize` carry it too. */
export type Rule =
  // what is handed out
  | 'groups'
  | 'agents'
  | 'observation'
  | 'bounds'
  | 'reward'
  | 'ending'
  | 'legal'
  | 'state'
  | 'shapes'
  | 'discount'
  | 'current'
  | 'successor'
  | 'two sets'
  // what is taken
  | 'extreme actions'
  | 'mutates actions'
  | 'keeps actions'
  | 'strided actions'
  | 'wrong actions'
  // how it behaves
  | 'throws'
  | 'deterministic'
  | 'seed'
  | 'reset in the middle'
  | 'reset after the end'
  | 'independent'
  | 'ends'
  // what it may have besides
  | 'save is plain'
  | 'save is owned'
  | 'load continues'
  | 'render';

/** An error that says which rule was broken. */
export const breach = (rule: Rule, message: string): RangeError & { readonly rule: Rule } =>
  Object.assign(new RangeError(message), { rule });

/** The rule that an error says was broken, or undefined. */
export const ruleOf = (error: unknown): Rule | undefined =>
  error instanceof RangeError && 'rule' in error ? (error.rule as Rule) : undefined;
