import type { Draws } from '../numpy.js';
import type { Colour } from '../world.js';
import type { Crowd, Role } from './crowd.js';
import type { PopulationName, Regions } from './task.js';

/**
 * What makes a crowd a task. Plain functions of one environment `e`; none allocates. Before `resolve` the grids hold the
 * world after the move.
 */
export interface PopulationScenario {
  /** Its part in task descriptors, and what saved states call it. */
  readonly name: PopulationName;
  /** Groups, in order. */
  readonly roles: readonly Role[];
  /** Radius (world units) and colour of every landmark. */
  readonly landmark: { readonly size: number; readonly colour: Colour };
  /** Shares of the world in which episodes put agents and landmarks. */
  readonly regions: Regions;
  /** What is measured, by name: summed over the steps of an episode in `crowd.tally`. */
  readonly measures: readonly string[];
  /**
   * Writes `crowd.reward` for everybody who lived when the step began, sets `alive` of who dies to 0, puts landmarks
   * elsewhere, and adds to `crowd.tally`. Returns whether anybody died or any landmark moved.
   */
  resolve(crowd: Crowd, e: number, draws: Draws): boolean;
  /** Whether the task is over before its time. */
  over?(crowd: Crowd, e: number): boolean;
}
