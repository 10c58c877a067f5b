/// <reference lib="esnext.disposable" />
export { SeriesKind, TifParams, TifSource, TifSpec, tif } from './driver.js';
import '@bioimage/core';
