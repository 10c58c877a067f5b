/// <reference lib="esnext.disposable" />
export { Hdf5Params, Hdf5Source, Hdf5Spec, hdf5 } from './driver.js';
import '@bioimage/core';
