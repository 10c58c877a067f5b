/**
 * Every backend of `@bioimage`: importing this package registers them all.
 *
 * @module
 */
import '@bioimage/cloudvolume'
import '@bioimage/hdf5'
import '@bioimage/knossos'
import '@bioimage/mrc'
import '@bioimage/msr'
import '@bioimage/n5'
import '@bioimage/nifti'
import '@bioimage/s3'
import '@bioimage/stack'
import '@bioimage/tif'
import '@bioimage/webknossos'
import '@bioimage/zarr'

// The built declarations lose the imports above; by these names, users' compilers know the kinds.
export type { CloudvolumeSource, CloudvolumeSpec } from '@bioimage/cloudvolume'
export type { Hdf5Source, Hdf5Spec } from '@bioimage/hdf5'
export type { KnossosSource, KnossosSpec } from '@bioimage/knossos'
export type { MrcSource, MrcSpec } from '@bioimage/mrc'
export type { MsrSource, MsrSpec } from '@bioimage/msr'
export type { N5Source, N5Spec } from '@bioimage/n5'
export type { NiftiSource, NiftiSpec } from '@bioimage/nifti'
export type { StackSource, StackSpec } from '@bioimage/stack'
export type { TifSource, TifSpec } from '@bioimage/tif'
export type { WebknossosSource, WebknossosSpec, WkwSource, WkwSpec } from '@bioimage/webknossos'
export type { ZarrSource, ZarrSpec } from '@bioimage/zarr'
