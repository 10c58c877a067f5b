/// <reference lib="esnext.disposable" />
export { ZarrParams, ZarrSource, ZarrSpec, zarr } from './driver.js';
import '@bioimage/core';
