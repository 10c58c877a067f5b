/** Fields of the header that a new file takes from its attributes. */
export const freeFields = ['nxstart', 'nystart', 'nzstart', 'cella', 'cellb', 'origin', 'labels'] as const
/** Fields that follow from the array: the attributes of another file may hold them, without effect. */
export const derivedFields: readonly string[] =
  'nx ny nz mode mx my mz mapc mapr maps dmin dmax dmean ispg nsymbt exttyp nversion map machst rms nlabl'.split(' ')
