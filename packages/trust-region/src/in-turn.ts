/**
 * The same function, one call after another: what is compiled and what is kept from call to call serves one at a time. A
 * call that fails does not keep those after it.
 */
export const inTurn = <A extends readonly unknown[], R>(
  f: (...args: A) => Promise<R>,
): ((...args: A) => Promise<R>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (...args) => {
    const own = last.then(() => f(...args));
    last = own.catch(() => undefined);
    return own;
  };
};
