/** Rules by which pages become an array, in the order in which they are tried. */
export const seriesKinds = ['shaped', 'micromanager', 'ome', 'imagej', 'plain'] as const

/** A rule by which pages become an array. */
export type SeriesKind = (typeof seriesKinds)[number]
