import { carryWindows } from './carry-windows.js';
import {
  collapseExpands,
  collapseReshapes,
  collapseSlices,
  collapseTransposes,
  squeezeReductions,
} from './collapse-shapes.js';
import { divideByPowers, foldCasts, foldConstants, simplifyArithmetic } from './fold-constants.js';
import { gemmBias, gemmTranspose, sliceOfGemm, sumByGemm } from './gemm.js';
import { flattenConcats, joinParts } from './join-parts.js';
import { simplify, type Pass } from './pass.js';
import { reluMask } from './relu-mask.js';
import { dropLeadingAxes, sinkReshapes } from './sink-reshapes.js';
import { flattenSplits, narrowSplits } from './splits.js';
import { sinkExpands, stripExpands, stripScalarReshapes } from './strip-expands.js';

export { carryWindows };
export { deadCode, optimise, simplify, type Pass } from './pass.js';

/** Local rewrites, in the order in which they are tried. */
export const standardRules = [
  foldConstants,
  simplifyArithmetic,
  divideByPowers,
  foldCasts,
  collapseReshapes,
  collapseExpands,
  collapseTransposes,
  collapseSlices,
  squeezeReductions,
  stripExpands,
  stripScalarReshapes,
  sinkExpands,
  sinkReshapes,
  dropLeadingAxes,
  gemmTranspose,
  sumByGemm,
  reluMask,
  joinParts,
  flattenConcats,
];

/** The rewrites that every compiled step gets: local ones, those that look further, then local ones on what that uncovered. */
export const standardPasses: readonly Pass[] = [
  simplify('local rewrites', standardRules),
  gemmBias,
  narrowSplits,
  sliceOfGemm,
  flattenSplits,
  simplify('local rewrites again', standardRules),
  carryWindows,
];
