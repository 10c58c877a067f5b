import type { Axis, DType, JsonObject, SourceMetadata } from '@bioimage/core'
import { contiguousStride, itemSizeOf, type StridedLayout, sizeOf } from '@bioimage/core/backend'
import { axisOf } from './axes.js'
import { dataTypeOf } from './data-types.js'
import type { FileHeader } from './file-header.js'
import type { StackFooter } from './stack-footer.js'
import type { StackHeader } from './stack-header.js'

/** What a stack is as an array. */
export interface StackLayout {
  /** Slowest axis first; without axes of length 1 where they are squeezed. */
  readonly shape: readonly number[]
  readonly dtype: DType
  /** Bytes of all samples. */
  readonly byteLength: number
  /** Numbers of the kept axes in the file, slowest first; without the axis of colours. */
  readonly fileAxes: readonly number[]
  readonly channels: 1 | 3 | 4
}

/** @throws ERR_UNSUPPORTED for data types that are not read. */
export function stackLayout({ res, dt }: StackHeader, squeeze: boolean): StackLayout {
  const { dtype, channels } = dataTypeOf(dt)
  const fileAxes = res.map((_, axis) => axis).filter((axis) => !squeeze || res[axis] !== 1)
  const reversed = fileAxes.toReversed()
  const shape = [...reversed.map((axis) => res[axis] ?? 1), ...(channels === 1 ? [] : [channels])]
  return { shape, dtype, byteLength: sizeOf(shape) * itemSizeOf(dtype), fileAxes: reversed, channels }
}

/** Where the elements lie in the samples. */
export function stridedLayoutOf({ shape, dtype }: StackLayout, offset: number): StridedLayout {
  const strides = contiguousStride(shape).map((stride) => stride * itemSizeOf(dtype))
  return { shape, dtype, byteOrder: 'little', strides, parts: [{ key: '', offset }] }
}

/** Axes and colours. */
export function metadataOf(layout: StackLayout, header: StackHeader, footer: StackFooter): SourceMetadata {
  const axes: Axis[] = layout.fileAxes.map((axis) => axisOf(header, footer, axis))
  if (layout.channels === 1) return { axes }
  const colours = ['red', 'green', 'blue', 'alpha'].slice(0, layout.channels)
  return { axes: [...axes, { name: 'c', type: 'channel' }], channels: colours }
}

/** The fields of a stack by the names of the specification. Lists of axes have the fastest first, as the file has them. */
export function attrsOf(header: StackHeader, footer: StackFooter): JsonObject {
  const { dataPosition: _, next_stack_pos: __, data_len_disk: ___, ...fields } = header
  return {
    ...finite(fields),
    labels: [...footer.labels],
    ...(footer.col_positions.some((list) => list !== undefined) && { col_positions: finite(footer.col_positions) }),
    ...(footer.col_labels.some((list) => list !== undefined) && { col_labels: finite(footer.col_labels) }),
    ...(footer.metadata !== '' && { metadata: footer.metadata }),
    ...(footer.si_value !== undefined && { si_value: finite(footer.si_value), si_dimensions: finite(footer.si_dimensions) }),
    ...(footer.samples_written !== 0 && { samples_written: footer.samples_written }),
    tags: { ...footer.tags }
  }
}

/** What the file says of all its stacks. */
export function fileAttrsOf({ format_version, description }: FileHeader, tags: Readonly<Record<string, string>>): JsonObject {
  return { format_version, description, tags: { ...tags } }
}

/** As JSON has it: numbers that are none become `null`, as do gaps. */
function finite(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}
