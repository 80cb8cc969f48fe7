import { carryWindows } from './carry-windows.js';
import {
  collapseExpands,
  collapseReshapes,
  collapseSlices,
  collapseTransposes,
  keptAxes,
  squeezeReductions,
} from './collapse-shapes.js';
import { divideByPowers, foldCasts, foldConstants, simplifyArithmetic } from './fold-constants.js';
import { gemmBias, gemmTranspose, sliceOfGemm, sumByGemm } from './gemm.js';
import { centredProducts } from './centred-products.js';
import { columnsAsVectors, narrowRows, thinProducts } from './fast-forms.js';
import { narrowMeans } from './narrow-means.js';
import { narrowSide } from './narrow-side.js';
import { normalisedRows } from './normalised-rows.js';
import { joinTwins } from './join-twins.js';
import { flattenConcats, joinParts, splitJoins } from './join-parts.js';
import { commonSubexpressions, deadCode, simplify, type Pass } from './pass.js';
import { reluMask } from './relu-mask.js';
import { removedParts } from './removed-parts.js';
import { dropLeadingAxes, sinkReshapes } from './sink-reshapes.js';
import { flattenSplits, narrowSplits } from './splits.js';
import { turnedOnce } from './turned-once.js';
import { sinkExpands, stripExpands, stripScalarReshapes } from './strip-expands.js';

export { carryWindows };
export { commonSubexpressions, deadCode, optimise, simplify, type Pass } from './pass.js';

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
  splitJoins,
  flattenConcats,
];

/** Other forms of the same work that ONNX Runtime does faster: tried last, as other rewrites do not look for them. */
export const lateRules = [columnsAsVectors, narrowRows, thinProducts];

/** The rewrites that every compiled step gets, but for those that `keep` leaves out. */
export const passesThat = (keep: (rewrite: { readonly name: string }) => boolean): readonly Pass[] => {
  const local = standardRules.filter(keep);
  return [
    deadCode,
    commonSubexpressions,
    simplify('local rewrites', local),
    normalisedRows,
    centredProducts,
    narrowSide,
    removedParts,
    narrowMeans,
    gemmBias,
    narrowSplits,
    sliceOfGemm,
    flattenSplits,
    simplify('local rewrites again', local),
    turnedOnce,
    joinTwins,
    flattenSplits,
    simplify('local rewrites at last', [...local, ...lateRules.filter(keep)]),
    keptAxes,
    carryWindows,
  ].filter(keep);
};

/** The rewrites that every compiled step gets: local ones, those that look further, then local ones on what that uncovered. */
export const standardPasses: readonly Pass[] = passesThat(() => true);
