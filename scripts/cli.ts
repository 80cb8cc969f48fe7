import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What a command was asked to do. Wrong input ends the process with one clear line, the usage, and exit code 2. */
export const commandLine = <const T extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  usage: string,
  options: T,
) => {
  const refuse = (message: string): never => {
    console.error(`${command}: ${message}\n${usage}`);
    process.exit(2);
  };
  const parse = () => {
    try {
      return parseArgs({ allowPositionals: true, options: { ...options, help: { type: 'boolean', default: false } } });
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error));
    }
  };
  const { values, positionals } = parse();
  if ('help' in values && values.help === true) {
    console.log(usage);
    process.exit(0);
  }
  return {
    values,
    positionals,
    refuse,
    integer(name: string, text: string, least: number): number {
      const n = Number(text);
      if (Number.isSafeInteger(n) && n >= least && text.trim() !== '') return n;
      return refuse(`expected --${name} to be an integer >= ${least}, got '${text}'`);
    },
  };
};

/** `name` and what it is about, a line each. */
export const listOf = (named: readonly { readonly name: string; readonly about: string }[]): string =>
  named.map(({ name, about }) => `${name.padEnd(18)} ${about}`).join('\n');
