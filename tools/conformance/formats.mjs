// Which backend reads which format of a manifest, and how its arrays relate to the arrays that the manifest describes.
import { hasPackage, urlOfPackage } from './packages.mjs'

/** The manifest's arrays have the axes of our arrays, or all of them reversed. */
const sameAxes = 'c'
const reversedAxes = 'f'

/**
 * Per format: the package and kind that read it, packages that it `needs` beside its own, the order of the axes, options of
 * `openSource` that its entries need, and `sameDtypes`: names of one dtype, where the manifest has another than we, and `fileOrder`: brings what was read into the order of the file where the manifest lists that.
 */
export const formats = {
  zarr2: { package: '@bioimage/zarr', kind: 'zarr', axes: sameAxes },
  zarr3: { package: '@bioimage/zarr', kind: 'zarr', axes: sameAxes },
  mrc: { package: '@bioimage/mrc', kind: 'mrc', axes: sameAxes, fileOrder: mrcFileOrder },
  hdf5: { package: '@bioimage/hdf5', kind: 'hdf5', axes: sameAxes },
  n5: { package: '@bioimage/n5', kind: 'n5', axes: sameAxes },
  nifti: { package: '@bioimage/nifti', kind: 'nifti', axes: reversedAxes, options: () => ({ scaled: false }), fileOrder: niftiFileOrder },
  tif: { package: '@bioimage/tif', kind: 'tif', axes: sameAxes, options: tifOptions, sameDtypes: ['bool', 'uint8'] },
  // The slices of TIFF are read by its package.
  stack: {
    package: '@bioimage/stack',
    needs: ['@bioimage/tif'],
    kind: 'stack',
    axes: sameAxes,
    options: ({ pattern = '*.*' }) => ({ internalPath: pattern })
  },
  knossos: { package: '@bioimage/knossos', kind: 'knossos', axes: reversedAxes, options: knossosOptions },
  msr: { package: '@bioimage/msr', kind: 'msr', axes: sameAxes },
  precomputed: { package: '@bioimage/cloudvolume', kind: 'cloudvolume', axes: reversedAxes, fileOrder: withChannelAxis },
  wkw: { package: '@bioimage/webknossos', kind: 'wkw', axes: reversedAxes, fileOrder: wkwFileOrder }
}

/** Formats whose package is part of this workspace. */
export const readableFormats = () => Object.keys(formats).filter((format) => hasPackage(formats[format].package))

/** Ends the program, naming it, when a package that reads one of these formats is not built. */
export const requireBuilt = (names) => {
  for (const name of new Set(names)) {
    try {
      urlOfPackage(formats[name].package)
    } catch (error) {
      console.error(error.message)
      process.exit(1)
    }
  }
}

/** The index of the part that an entry describes, in our axes; `undefined` for the whole array. */
export const indexOf = (region, axes) => {
  if (region === undefined) return undefined
  const { start, shape } = region.start === undefined ? { start: region.start_xyz, shape: region.shape_xyz } : region
  const index = start.map((from, axis) => ({ start: from, stop: from + shape[axis] }))
  // Axes that `start_xyz` does not name, such as the channel, are whole; reversed they come last.
  return axes === reversedAxes ? index.reverse() : index
}

/** Precomputed: a volume of one channel has no axis for it here; the manifest lists one. */
function withChannelAxis(read) {
  return read.shape.length === 3 ? { ...read, shape: [1, ...read.shape] } : read
}

/** MRC: our y axis runs the other way, and singleton or volume axes may be split off; the manifest has sections, rows, columns. */
function mrcFileOrder({ shape, bytes, itemSize }) {
  const [rows, columns] = shape.slice(-2)
  const sections = shape.slice(0, -2).reduce((product, length) => product * length, 1)
  const rowBytes = columns * itemSize
  const flipped = new Uint8Array(bytes.length)
  for (let section = 0; section < sections; section++) {
    for (let row = 0; row < rows; row++) {
      const from = (section * rows + row) * rowBytes
      flipped.set(bytes.subarray(from, from + rowBytes), (section * rows + rows - 1 - row) * rowBytes)
    }
  }
  return { shape: [sections, rows, columns], bytes: flipped, itemSize }
}

/** WKW: our arrays have a channel axis only where there are several channels. */
function wkwFileOrder({ shape, ...parts }) {
  return { ...parts, shape: shape.length === 3 ? [...shape, 1] : shape }
}

/** TIFF: series and levels stand in the id of an entry, images of OME-XML in its options. */
function tifOptions({ ome_image: image }, { id }) {
  if (image !== undefined) return { seriesKind: 'ome', series: image }
  const [, series, level] = /#series(\d+)(?:-level(\d+))?/.exec(id) ?? []
  return { ...(series !== undefined && { series: Number(series) }), ...(level !== undefined && { level: Number(level) }) }
}

/** NIfTI: we have the colours of a voxel last; the manifest, with all axes reversed, has them first. */
function niftiFileOrder({ shape, bytes, itemSize, attrs }) {
  if (attrs.datatype !== 128 && attrs.datatype !== 2304) return { shape, bytes, itemSize }
  const channels = shape.at(-1)
  const voxels = bytes.length / channels
  const moved = new Uint8Array(bytes.length)
  for (let at = 0; at < bytes.length; at++) moved[(at % channels) * voxels + Math.floor(at / channels)] = bytes[at]
  return { shape: [channels, ...shape.slice(0, -1)], bytes: moved, itemSize }
}

/** KNOSSOS: regions of the manifest may reach beyond the cubes that are there. */
function knossosOptions(_, { opens_as: { options } }) {
  const region = options?.region
  return region === undefined ? {} : { shape: region.start_xyz.map((from, axis) => from + region.shape_xyz[axis]).reverse() }
}
