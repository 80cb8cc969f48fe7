/** Characters that XML 1.0 cannot hold, not even escaped: control characters, lone surrogates, U+FFFE and U+FFFF. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const unrepresentable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** Text as it may stand between tags and inside double quotes. */
export const escapeText = (text: string): string =>
  text
    .replace(unrepresentable, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** A number with at most `digits` decimals, as short as SVG allows: `.5`, not `0.50`. */
export const short = (n: number, digits = 2): string => {
  const rounded = Number(n.toFixed(digits));
  return rounded === 0 ? '0' : String(rounded).replace(/^(-?)0\./, '$1.');
};

/** Names and values; numbers are shortened, `undefined` is left out, strings are escaped. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element; the children are markup already. */
export const tag = (name: string, attributes: Attributes, ...children: readonly string[]): string => {
  let head = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) head += ` ${key}="${typeof value === 'number' ? short(value) : escapeText(value)}"`;
  }
  const inside = children.join('');
  return inside === '' ? `${head}/>` : `${head}>${inside}</${name}>`;
};

/** What is installed nearly everywhere and looks like the system. */
export const fontFamily = "system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** Colours of everything that is not data: made for a white ground. */
export const ink = {
  strong: '#1f2328',
  soft: '#59636e',
  mark: '#8c959f',
  line: '#d1d9e0',
  faint: '#eaeef2',
  ground: '#fff',
} as const;

const widthOf = (char: string): number => {
  if (/[ilj.,:;'|! ]/.test(char)) return 0.33;
  if (/[tfrI()[\]-]/.test(char)) return 0.42;
  if (/[mwMW@%—…]/.test(char)) return 1;
  if (/[A-Z]/.test(char)) return 0.7;
  // Beyond Latin, Greek and Cyrillic most letters fill a square.
  return char.codePointAt(0)! > 0x2e7f ? 1 : 0.625;
};

/** How much wider bold letters are. */
export const boldness = 1.12;

/** Width of a text in a wide sans serif, in the unit of `size`: an estimate, since nothing here can measure fonts. */
export const estimateWidth = (text: string, size: number): number => {
  let width = 0;
  for (const char of text) width += widthOf(char);
  return width * size;
};

/** The text, or as much of it as fits into `width` with an ellipsis. */
export const fit = (text: string, size: number, width: number): string => {
  if (estimateWidth(text, size) <= width) return text;
  const chars = Array.from(text);
  while (chars.length > 0 && estimateWidth(`${chars.join('')}…`, size) > width) chars.pop();
  return `${chars.join('').trimEnd()}…`;
};

/** A bold line of text, as large as fits into `width`. */
export const heading = (text: string, at: { readonly x: number; readonly y: number }, width: number): string => {
  const size = Math.min(17, (17 * width) / Math.max(1, boldness * estimateWidth(text, 17)));
  return tag('text', { ...at, 'font-size': size, 'font-weight': '600', fill: ink.strong }, escapeText(text));
};
