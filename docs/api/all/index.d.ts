/// <reference lib="esnext.disposable" />
export { CloudvolumeSource, CloudvolumeSpec } from '@bioimage/cloudvolume';
export { Hdf5Source, Hdf5Spec } from '@bioimage/hdf5';
export { KnossosSource, KnossosSpec } from '@bioimage/knossos';
export { MrcSource, MrcSpec } from '@bioimage/mrc';
export { MsrSource, MsrSpec } from '@bioimage/msr';
export { N5Source, N5Spec } from '@bioimage/n5';
export { NiftiSource, NiftiSpec } from '@bioimage/nifti';
export { StackSource, StackSpec } from '@bioimage/stack';
export { TifSource, TifSpec } from '@bioimage/tif';
export { WebknossosSource, WebknossosSpec, WkwSource, WkwSpec } from '@bioimage/webknossos';
export { ZarrSource, ZarrSpec } from '@bioimage/zarr';
