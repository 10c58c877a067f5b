/** Reads a .npy file by the description of numpy.lib.format, apart from the writer under test. */
export function parseNpy(file: Buffer): { readonly dtype: string; readonly shape: readonly number[]; readonly data: Buffer } {
  if (file.subarray(0, 8).toString('latin1') !== '\x93NUMPY\x01\x00') throw new Error('not a .npy file of version 1.0')
  const length = file.readUInt16LE(8)
  const text = file.subarray(10, 10 + length).toString('latin1')
  if ((10 + length) % 64 !== 0 || !text.endsWith('\n')) throw new Error('the header is not padded to 64 bytes')
  const [, order = '', kind = '', size = ''] = /'descr': '([<|])([a-z])(\d+)'/.exec(text) ?? []
  const [, tuple = ''] = /'shape': \(([^)]*)\)/.exec(text) ?? []
  if (!text.includes("'fortran_order': False")) throw new Error('not in C order')
  if ((order === '|') !== (size === '1')) throw new Error(`byte order ${order} for elements of ${size} bytes`)
  const shape = tuple.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]))
  const name = { b: 'bool', i: 'int', u: 'uint', f: 'float', c: 'complex' }[kind] ?? '?'
  const data = file.subarray(10 + length)
  if (data.length !== shape.reduce((product, side) => product * side, Number(size))) throw new Error('wrong number of elements')
  return { dtype: name === 'bool' ? name : `${name}${Number(size) * 8}`, shape, data }
}
