/** One element of an SVG, as the tests look at it. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };
const unescape = (text: string): string => {
  if (/&(?!(lt|gt|amp|quot);)/.test(text)) throw new Error(`a bare ampersand in ${text}`);
  return text.replace(/&(\w+);/g, (_, name: string) => entities[name]!);
};

/** Reads what this package writes, and throws where it is not well-formed XML. */
export const parse = (source: string): Element => {
  const root: Element = { name: 'document', attributes: {}, children: [], text: '' };
  const open = [root];
  const piece = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?: [a-zA-Z:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (let match = piece.exec(source); match; match = piece.exec(source)) {
    end = piece.lastIndex;
    const [, closing, name, list, empty, text] = match;
    const parent = open.at(-1)!;
    if (text !== undefined) parent.text += unescape(text);
    else if (closing) {
      if (open.pop()!.name !== name) throw new Error(`</${name}> closes ${parent.name}`);
    } else {
      const pairs = [...list!.matchAll(/ ([a-zA-Z:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, unescape(value!)]);
      const attributes = Object.fromEntries(pairs) as Record<string, string>;
      if (Object.keys(attributes).length !== pairs.length) throw new Error(`an attribute twice in ${match[0]}`);
      const element: Element = { name: name!, attributes, children: [], text: '' };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (end !== source.length || open.length !== 1 || root.children.length !== 1)
    throw new Error('not one whole element');
  return root.children[0]!;
};

/** All elements of a name, in document order. */
export const find = (element: Element, name: string): Element[] =>
  element.children.flatMap((child) => (child.name === name ? [child, ...find(child, name)] : find(child, name)));

/** The group in which the shapes are, clipped to the view. */
export const pictureOf = (svg: Element): Element => {
  const clipped = find(svg, 'g').find(({ attributes }) => 'clip-path' in attributes);
  if (!clipped) throw new Error('no picture');
  return clipped;
};

/** Numbers in a list of any separators. */
export const numbers = (text: string): number[] =>
  text
    .split(/[ ,();a-z]+/)
    .filter((part) => part !== '')
    .map(Number);

/** What an animation says at a time, by the rules of SMIL; undefined if the element has none of that name. */
export const valueAt = (element: Element, attribute: string, seconds: number): string | number[] | undefined => {
  const animation = element.children.find(({ attributes }) => attributes.attributeName === attribute);
  if (!animation) return undefined;
  const { values, keyTimes, dur, calcMode } = animation.attributes;
  const keys = values!.split(';');
  const times = keyTimes!.split(';').map((time) => Number(time) * Number.parseFloat(dur!));
  if (times.length !== keys.length || times[0] !== 0) throw new Error('keyTimes do not fit values');
  if (times.some((time, i) => i > 0 && time < times[i - 1]!)) throw new Error('keyTimes fall');
  const after = times.findIndex((time) => time > seconds);
  const at = after < 0 ? keys.length - 1 : after - 1;
  if (calcMode === 'discrete') return keys[at]!;
  if (keyTimes!.split(';').at(-1) !== '1') throw new Error('keyTimes do not end with 1');
  if (after < 0) return numbers(keys[at]!);
  const weight = (seconds - times[at]!) / (times[after]! - times[at]!);
  const next = numbers(keys[after]!);
  return numbers(keys[at]!).map((value, i) => value + weight * (next[i]! - value));
};
