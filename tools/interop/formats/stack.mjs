// Folders of slices, written by tifffile and Pillow. Here they are only read.
import { importPackage } from '../../conformance/packages.mjs'

// What reads the slices of TIFF.
await importPackage('@bioimage/tif')

export const kind = 'stack'
export const extension = ''

export const cases = () => []
