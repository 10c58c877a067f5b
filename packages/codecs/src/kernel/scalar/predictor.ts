/** Running sums along rows; see `assembly/predictor.ts`. */
export function horizontalDecode(
  memory: Uint8Array,
  place: number,
  length: number,
  elementSize: number,
  rowLength: number,
  distance: number
): void {
  const rowBytes = rowLength * elementSize
  const step = distance * elementSize
  for (let row = place; row + rowBytes <= place + length; row += rowBytes) {
    for (let element = row + step; element < row + rowBytes; element += elementSize) {
      let carry = 0
      for (let at = element; at < element + elementSize; at++) {
        const sum = memory[at]! + memory[at - step]! + carry
        memory[at] = sum
        carry = sum >> 8
      }
    }
  }
}

/** Differences along rows; see `assembly/predictor.ts`. */
export function horizontalEncode(
  memory: Uint8Array,
  place: number,
  length: number,
  elementSize: number,
  rowLength: number,
  distance: number
): void {
  const rowBytes = rowLength * elementSize
  const step = distance * elementSize
  for (let row = place; row + rowBytes <= place + length; row += rowBytes) {
    for (let element = row + rowBytes - elementSize; element >= row + step; element -= elementSize) {
      let borrow = 0
      for (let at = element; at < element + elementSize; at++) {
        const difference = memory[at]! - memory[at - step]! - borrow
        memory[at] = difference
        borrow = difference < 0 ? 1 : 0
      }
    }
  }
}

/** Sums bytes and regroups them; see `assembly/predictor.ts`. */
export function floatingPointDecode(
  memory: Uint8Array,
  source: number,
  length: number,
  elementSize: number,
  rowLength: number,
  distance: number,
  destination: number
): void {
  const rowBytes = rowLength * elementSize
  for (let offset = 0; offset + rowBytes <= length; offset += rowBytes) {
    const row = source + offset
    for (let at = row + distance; at < row + rowBytes; at++) memory[at]! += memory[at - distance]!
    for (let element = 0; element < rowLength; element++) {
      for (let byte = 0; byte < elementSize; byte++) {
        memory[destination + offset + element * elementSize + byte] = memory[row + (elementSize - 1 - byte) * rowLength + element]!
      }
    }
  }
}

/** The inverse of `floatingPointDecode`; see `assembly/predictor.ts`. */
export function floatingPointEncode(
  memory: Uint8Array,
  source: number,
  length: number,
  elementSize: number,
  rowLength: number,
  distance: number,
  destination: number
): void {
  const rowBytes = rowLength * elementSize
  for (let offset = 0; offset + rowBytes <= length; offset += rowBytes) {
    const target = destination + offset
    for (let element = 0; element < rowLength; element++) {
      for (let byte = 0; byte < elementSize; byte++) {
        memory[target + (elementSize - 1 - byte) * rowLength + element] = memory[source + offset + element * elementSize + byte]!
      }
    }
    for (let at = target + rowBytes - 1; at >= target + distance; at--) memory[at]! -= memory[at - distance]!
  }
}
