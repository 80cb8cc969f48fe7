export { cartPole, cartPoleSettings } from './cart-pole.js';
export type { CartPoleOptions } from './cart-pole.js';
export { pendulum, pendulumSettings } from './pendulum.js';
export type { PendulumOptions } from './pendulum.js';
export { mountainCar, mountainCarSettings } from './mountain-car.js';
export type { MountainCarOptions } from './mountain-car.js';
export { mountainCarContinuous, mountainCarContinuousSettings } from './mountain-car-continuous.js';
export type { MountainCarContinuousOptions } from './mountain-car-continuous.js';
export { acrobot, acrobotSettings } from './acrobot.js';
export type { AcrobotOptions } from './acrobot.js';
export type { AcrobotEquations } from './acrobot-motion.js';
export { pointRobot, pointRobotSettings } from './point-robot.js';
export type { PointRobotGoal, PointRobotOptions } from './point-robot.js';
export { classicEnv } from './classic-env.js';
export type { ClassicSettings } from './classic-env.js';
export type { ActionsRead, ClassicEnv, Lanes, World, WorldState } from './world.js';
export type { SoloContinuous, SoloDiscrete } from './solo.js';
export { doubleIntegrator, riccati, finiteRiccati, costOfGain, costFrom, noiseCost } from './linear/riccati.js';
export type { LinearSolution, LinearSystem } from './linear/riccati.js';
export { criticalBeta, linearBestResponse, riccatiGame, uprightPendulum } from './linear/riccati-game.js';
export type { LinearGame, LinearSaddle } from './linear/riccati-game.js';
export { linearQuadratic, linearQuadraticGame } from './linear/linear-quadratic.js';
export { linearSettings } from './linear/linear-world.js';
export type { Duel, LinearOptions } from './linear/linear-quadratic.js';
export type { Matrix } from './linear/matrix.js';
export { choicesIn, markovGame } from './games/markov-game.js';
export type { MarkovGame, MarkovGameRules, Outcome } from './games/markov-game.js';
export {
  bimatrixGame,
  commonPayoffGame,
  normalFormGame,
  pureEquilibria,
  stagePayoff,
  zeroSumGame,
} from './games/matrix-game.js';
export type { Duo, MatrixGameOptions } from './games/matrix-game.js';
export {
  battleOfTheSexes,
  chicken,
  climbing,
  halves,
  matchingPennies,
  miscoordination,
  nonMonotone,
  penalty,
  prisonersDilemma,
  rockPaperScissors,
  stagHunt,
} from './games/matrix-games.js';
export type { NamedGame } from './games/matrix-games.js';
export { chain, chainSettings, loop } from './games/chain.js';
export type { ChainOptions } from './games/chain.js';
export { gridWorld, gridWorldSettings } from './games/grid-world.js';
export type { GridWorldOptions } from './games/grid-world.js';
export { twoStep } from './games/two-step.js';
export { soccer } from './games/soccer.js';
export { tabularTeam, tabularWorld } from './games/tabular-world.js';
export type { Players, TabularOptions, Team } from './games/tabular-world.js';
export { jointProcess, valueIteration } from './solvers/value-iteration.js';
export type { Optimum } from './solvers/value-iteration.js';
export { deterministicPolicy, uniformPolicies } from './solvers/policies.js';
export type { TabularPolicies } from './solvers/policies.js';
export { policyEvaluation } from './solvers/policy-evaluation.js';
export type { Evaluated } from './solvers/policy-evaluation.js';
export { bestResponse, exploitability, inducedProcess } from './solvers/best-response.js';
export type { BestResponse, Exploitability } from './solvers/best-response.js';
export {
  advantagesInOrder,
  compoundFactor,
  conditionalValues,
  discountedOccupancy,
  jointAdvantages,
} from './solvers/joint-advantages.js';
export type { JointAdvantages } from './solvers/joint-advantages.js';
export { monotoneImprovement } from './solvers/monotone-improvement.js';
export type { Improved } from './solvers/monotone-improvement.js';
export { zeroSumNash } from './solvers/zero-sum.js';
export type { Payoff, ZeroSumSolution } from './solvers/zero-sum.js';
export { minimaxValueIteration } from './solvers/minimax.js';
export type { MinimaxSolution } from './solvers/minimax.js';
export type { SolverOptions } from './solvers/options.js';
