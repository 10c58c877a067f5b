// The predictors of TIFF (TIFF 6.0, section 14; Adobe Photoshop TIFF Technical Note 3). `distance` is the number of samples
// between those that are compared: the samples of a pixel where they are interleaved.

/** Running sums along each row of `rowLength` elements of 1, 2, 4 or 8 bytes, in place. */
export function horizontalDecode(place: usize, length: usize, elementSize: usize, rowLength: usize, distance: usize): void {
  const rowBytes = rowLength * elementSize
  const step = distance * elementSize
  for (let row = place; row + rowBytes <= place + length; row += rowBytes) {
    const rowEnd = row + rowBytes
    if (elementSize == 1) {
      for (let at = row + step; at < rowEnd; at++) store<u8>(at, load<u8>(at) + load<u8>(at - step))
    } else if (elementSize == 2) {
      for (let at = row + step; at < rowEnd; at += 2) store<u16>(at, load<u16>(at) + load<u16>(at - step))
    } else if (elementSize == 4) {
      for (let at = row + step; at < rowEnd; at += 4) store<u32>(at, load<u32>(at) + load<u32>(at - step))
    } else {
      for (let at = row + step; at < rowEnd; at += 8) store<u64>(at, load<u64>(at) + load<u64>(at - step))
    }
  }
}

/** Differences along each row, in place: from its end, so that what is subtracted is still there. */
export function horizontalEncode(place: usize, length: usize, elementSize: usize, rowLength: usize, distance: usize): void {
  const rowBytes = rowLength * elementSize
  const step = distance * elementSize
  for (let row = place; row + rowBytes <= place + length; row += rowBytes) {
    const start = row + step
    if (elementSize == 1) {
      for (let at = row + rowBytes - 1; at >= start; at--) store<u8>(at, load<u8>(at) - load<u8>(at - step))
    } else if (elementSize == 2) {
      for (let at = row + rowBytes - 2; at >= start; at -= 2) store<u16>(at, load<u16>(at) - load<u16>(at - step))
    } else if (elementSize == 4) {
      for (let at = row + rowBytes - 4; at >= start; at -= 4) store<u32>(at, load<u32>(at) - load<u32>(at - step))
    } else {
      for (let at = row + rowBytes - 8; at >= start; at -= 8) store<u64>(at, load<u64>(at) - load<u64>(at - step))
    }
  }
}

/** Sums the bytes of each row in place, then puts the bytes of every element together, the lowest first. */
export function floatingPointDecode(
  source: usize,
  length: usize,
  elementSize: usize,
  rowLength: usize,
  distance: usize,
  destination: usize
): void {
  const rowBytes = rowLength * elementSize
  for (let offset: usize = 0; offset + rowBytes <= length; offset += rowBytes) {
    const row = source + offset
    for (let at = row + distance; at < row + rowBytes; at++) store<u8>(at, load<u8>(at) + load<u8>(at - distance))
    const target = destination + offset
    for (let byte: usize = 0; byte < elementSize; byte++) {
      const from = row + (elementSize - 1 - byte) * rowLength
      for (let element: usize = 0; element < rowLength; element++) {
        store<u8>(target + element * elementSize + byte, load<u8>(from + element))
      }
    }
  }
}

/** The inverse of `floatingPointDecode`; `source` and `destination` must not overlap. */
export function floatingPointEncode(
  source: usize,
  length: usize,
  elementSize: usize,
  rowLength: usize,
  distance: usize,
  destination: usize
): void {
  const rowBytes = rowLength * elementSize
  for (let offset: usize = 0; offset + rowBytes <= length; offset += rowBytes) {
    const row = source + offset
    const target = destination + offset
    for (let byte: usize = 0; byte < elementSize; byte++) {
      const to = target + (elementSize - 1 - byte) * rowLength
      for (let element: usize = 0; element < rowLength; element++) {
        store<u8>(to + element, load<u8>(row + element * elementSize + byte))
      }
    }
    for (let at = target + rowBytes - 1; at >= target + distance; at--) store<u8>(at, load<u8>(at) - load<u8>(at - distance))
  }
}
