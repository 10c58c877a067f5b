/// <reference lib="esnext.disposable" />
export { StackSource, StackSpec, stack } from './driver.js';
import '@bioimage/core';
