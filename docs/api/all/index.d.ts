/// <reference lib="esnext.disposable" />
export { Hdf5Source, Hdf5Spec } from '@bioimage/hdf5';
export { MrcSource, MrcSpec } from '@bioimage/mrc';
export { N5Source, N5Spec } from '@bioimage/n5';
export { ZarrSource, ZarrSpec } from '@bioimage/zarr';
