import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  count,
  decode,
  describe as table,
  flag,
  fraction,
  nonNegative,
  oneOf,
  optional,
  orThrow,
  positive,
  real,
  widths,
} from '../src/index.js';

const settings = {
  gamma: fraction(0.99, 'discount'),
  rate: positive(1e-3, 'step size'),
  penalty: nonNegative(0, 'factor'),
  start: real(-0.5, 'offset'),
  every: count(5, 'updates'),
  double: flag(true, 'whether'),
  loss: oneOf(['huber', 'l2'], 'huber', 'shape'),
  hidden: widths([64, 64], 'layers'),
  clip: optional(positive(0.5, 'norm'), 0.5),
};

describe('decode', () => {
  it('fills in defaults and keeps what is given', () => {
    expect(decode(settings)({ gamma: 0.5, clip: null, hidden: [] })).toEqual(
      E.right({
        gamma: 0.5,
        rate: 1e-3,
        penalty: 0,
        start: -0.5,
        every: 5,
        double: true,
        loss: 'huber',
        hidden: [],
        clip: null,
      }),
    );
  });

  it('reports every issue at once, typos too, with what was expected and what came', () => {
    const issues = decode(settings)({
      gamma: 2,
      rate: 0,
      penalty: -1,
      start: Infinity,
      every: 1.5,
      double: 'yes',
      loss: 'l1',
      hidden: [0],
      clip: -1,
      lr: 1,
    });
    expect(E.isLeft(issues) && issues.left).toEqual([
      { path: 'lr', message: 'unknown setting; known: gamma, rate, penalty, start, every, double, loss, hidden, clip' },
      { path: 'gamma', message: 'expected a number in [0, 1], got 2' },
      { path: 'rate', message: 'expected a finite number > 0, got 0' },
      { path: 'penalty', message: 'expected a finite number >= 0, got -1' },
      { path: 'start', message: 'expected a finite number, got Infinity' },
      { path: 'every', message: 'expected an integer > 0, got 1.5' },
      { path: 'double', message: "expected true or false, got 'yes'" },
      { path: 'loss', message: "expected one of huber | l2, got 'l1'" },
      { path: 'hidden', message: 'expected a list of integers > 0, got [0]' },
      { path: 'clip', message: 'expected a finite number > 0, or null, got -1' },
    ]);
  });

  it('refuses what is no object, NaN, and names that objects have by themselves', () => {
    for (const wrong of [null, 3, 'x', [1]]) expect(E.isLeft(decode(settings)(wrong))).toBe(true);
    expect(E.isLeft(decode(settings)({ gamma: NaN }))).toBe(true);
    expect(E.isLeft(decode(settings)({ toString: 1 }))).toBe(true);
    expect(E.isRight(decode(settings)({ gamma: undefined }))).toBe(true);
  });

  it('throws for settings in code, and names who wanted them', () => {
    expect(() => orThrow('dqn')(decode(settings)({ rate: -1, every: 0 }))).toThrow(
      'dqn: rate: expected a finite number > 0, got -1; every: expected an integer > 0, got 0',
    );
    expect(orThrow('dqn')(decode({})({}))).toEqual({});
  });

  it('is its own documentation', () => {
    expect(table({ loss: settings.loss })).toEqual([
      { name: 'loss', initial: "'huber'", expected: 'one of huber | l2', about: 'shape' },
    ]);
  });
});
