/**
 * The filters that only HDF5 has: importing this entry adds them.
 *
 * @module
 */
import { addFamily, arrayToBytes } from './registry.js'

addFamily({
  nbit: { kind: arrayToBytes, encodes: false, load: async () => (await import('./codecs/nbit.js')).createNbit },
  scaleoffset: { kind: arrayToBytes, encodes: false, load: async () => (await import('./codecs/scaleoffset.js')).createScaleOffset },
  szip: { kind: arrayToBytes, encodes: false, load: async () => (await import('./codecs/szip.js')).createSzip }
})
