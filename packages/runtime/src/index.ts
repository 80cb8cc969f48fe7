import './repair.js';

export { carryOf, leavesOf } from './carry.js';
export { compileVariables } from './variables/compile-variables.js';
export type { CompiledVariables } from './variables/compile-variables.js';
export type { Fed, FedTree } from './variables/fed.js';
export { compileWith } from './compile.js';
export type { CompileOptions, ModelInfo, Port, Session, SessionAdapter } from './adapter.js';
export type { Check } from './check.js';
export { eager } from './eager.js';
export type { EagerOptions } from './eager.js';
export { StepError } from './errors.js';
export type { Graph } from './graph/graph.js';
export type { Value } from './graph/value.js';
export { registerLowering } from './lower/register.js';
export type { Lowering, LoweringCall } from './lower/register.js';
export { standardPasses } from './passes/index.js';
export { passesWithout, rewriteNames } from './passes/without.js';
export type { Pass } from './passes/index.js';
export type {
  AtRest,
  Carry,
  Compiled,
  CompileInfo,
  LayoutEntry,
  MaybePromise,
  RestArray,
  RestTree,
  Runtime,
  Step,
  Tree,
} from './types.js';
export { runtimeOrDefault } from './given-runtime.js';
export { inTurn, isPromise } from './promise.js';
export type { Attribute, Attributes, ConstantData, Dtype, Form, Node, Origin, Program } from './graph/value.js';
export type { LeafDtype, RestData } from './rest.js';
