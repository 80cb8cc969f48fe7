import { engine, type KernelBackend, type TensorInfo, type Variable } from '@tensorflow/tfjs-core';
import { sizeOf } from '../rest.js';

/** Where the newest value of a variable lies while no tfjs backend has it: a part of a step's flat state. */
export interface Latest {
  readonly flat: () => Float32Array;
  readonly offset: number;
}

/**
 * The value of a variable that compiled steps use. Its `dataId` becomes a property with a getter: whoever reads it gets
 * data with the newest value, copied out of the step's state only then. The data handed out before stays as it was, so
 * clones and other variables that share it (`target.assign(source)`) do not change with it.
 */
export interface Home {
  readonly variable: Variable;
  /** Goes up with every change, whoever makes it. */
  version: number;
  /** Set while a step has a newer value than the tfjs backend. */
  latest: Latest | null;
  /** The data of tfjs. Out of date while `latest` is set. */
  data: object;
  /** Stands in for the data while a step runs its own code. */
  borrowed: object | null;
  /** Told about the first use of a variable that a running step does not know yet. */
  onUse: (() => void) | null;
}

const homes = new WeakMap<Variable, Home>();

const infoOf = (dataId: object): { readonly backend: KernelBackend; readonly bytes: number } | undefined =>
  engine().state.tensorInfo.get(dataId);

/** Writes the newest value to the tfjs backend on which the variable was, as new data. */
const materialise = (home: Home): void => {
  const { variable, latest, data: old } = home;
  if (latest === null) return;
  home.latest = null;
  const info = infoOf(old);
  if (!info) return; // disposed in the meantime
  const { state } = engine();
  const { backend, bytes } = info;
  const { shape, dtype } = variable;
  const size = sizeOf(shape);
  const dataId = backend.write(latest.flat().slice(latest.offset, latest.offset + size), shape, dtype);
  state.tensorInfo.set(dataId, { backend, dtype, shape, bytes });
  state.numDataBuffers++;
  if (backend.disposeData(old)) engine().removeDataId(old, backend);
  home.data = dataId;
};

/** The home of a variable, made at the first call: from then on reads and assignments are noticed. */
export const homeOf = (variable: Variable): Home => {
  const known = homes.get(variable);
  if (known) return known;
  const home: Home = { variable, version: 0, latest: null, data: variable.dataId, borrowed: null, onUse: null };
  Object.defineProperty(variable, 'dataId', {
    configurable: true,
    enumerable: true,
    get: () => {
      home.onUse?.();
      if (home.borrowed !== null) return home.borrowed;
      materialise(home);
      return home.data;
    },
    set: (dataId: object) => {
      home.onUse?.();
      if (home.borrowed !== null) {
        home.borrowed = dataId;
        return;
      }
      home.latest = null;
      home.data = dataId;
      home.version++;
    },
  });
  homes.set(variable, home);
  return home;
};

/** Makes a variable that no step uses an ordinary one again. */
export const abandon = ({ variable, data }: Home): void => {
  homes.delete(variable);
  Object.defineProperty(variable, 'dataId', { configurable: true, enumerable: true, writable: true, value: data });
};

/** Whether some step uses the variable. */
export const hasHome = (variable: Variable): boolean => homes.has(variable);

/** Lets a tensor's data stand in for the variable's. tfjs counts it as one more tensor until `giveBack`. */
export const borrow = (home: Home, { dataId }: Pick<TensorInfo, 'dataId'>): void => {
  const { state } = engine();
  home.borrowed = dataId;
  infoOf(dataId)?.backend.incRef(dataId);
  state.numTensors++;
  state.numBytes += home.variable.size * 4;
};

/** The same with the variable's own data: a step may then replace it without harm. */
export const borrowOwn = (home: Home): void => {
  materialise(home);
  borrow(home, { dataId: home.data });
};

/** Ends what `borrow` began; does nothing where nothing is borrowed. */
export const giveBack = (home: Home): void => {
  if (home.borrowed === null) return;
  // A variable that its step disposed of has let go of what it borrowed already.
  if (!home.variable.isDisposed) engine().disposeTensor(home.variable);
  home.borrowed = null;
};

/** Copies the newest value of a variable into `flat`. */
export const readInto = ({ variable, latest, data }: Home, flat: Float32Array, offset: number): void => {
  if (latest) {
    const from = latest.flat();
    flat.set(from.subarray(latest.offset, latest.offset + variable.size), offset);
    return;
  }
  const numbers = infoOf(data)?.backend.readSync(data) as ArrayLike<number> | undefined;
  if (!numbers) throw new Error(`variable '${variable.name}' has lost its data`);
  flat.set(numbers, offset);
};
