/// <reference lib="esnext.disposable" />
export { MrcSource, MrcSpec } from '@bioimage/mrc';
export { ZarrSource, ZarrSpec } from '@bioimage/zarr';
