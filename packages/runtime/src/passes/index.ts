import type { Pass } from './pass.js';

export type { Pass } from './pass.js';

/** The rewrites that every compiled step gets. */
export const standardPasses: readonly Pass[] = [];
