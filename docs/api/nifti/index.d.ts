/// <reference lib="esnext.disposable" />
export { NiftiExtension, NiftiSource, NiftiSpec, nifti } from './driver.js';
import '@bioimage/core';
