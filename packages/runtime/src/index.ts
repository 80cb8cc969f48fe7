export type {
  AtRest,
  Carry,
  Compiled,
  CompileInfo,
  LayoutEntry,
  MaybePromise,
  RestArray,
  Runtime,
  Step,
  Tree,
} from './types.js';
