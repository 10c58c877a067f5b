import { type CodecSpec, type DType, SourceError } from '@bioimage/core'

/** How the cubes of one extension are stored. */
export interface CubeKind {
  readonly codecs: readonly CodecSpec[]
  /** `undefined` for raw cubes, whose length tells. */
  readonly dtype: DType | undefined
}

const image = (id: string): CubeKind => ({ codecs: [{ id, ...(id === 'png' && { channels: 1 }) }], dtype: 'uint8' })

const kinds: readonly (readonly [RegExp, CubeKind])[] = [
  [/^\.raw$/i, { codecs: [], dtype: undefined }],
  [/^\.png$/i, image('png')],
  [/^\.jpe?g$/i, image('jpeg')],
  // The ratio of the compression stands before `.jp2`.
  [/^(\.j2k|(\.[0-9]+)?\.jp2)$/i, image('jpeg2000')],
  [/^\.seg$/i, { codecs: [], dtype: 'uint64' }],
  [/^\.seg\.sz$/i, { codecs: [{ id: 'snappy' }], dtype: 'uint64' }],
  [/^\.seg\.sz\.zip$/i, { codecs: [{ id: 'snappy' }, { id: 'zip' }], dtype: 'uint64' }]
]

/** Whether files of this extension are cubes, read or not. */
export function isCubeExtension(extension: string): boolean {
  return kinds.some(([pattern]) => pattern.test(extension))
}

/** @throws ERR_UNSUPPORTED for cubes that are not read. */
export function cubeKindOf(extension: string): CubeKind {
  const kind = kinds.find(([pattern]) => pattern.test(extension))?.[1]
  if (kind !== undefined) return kind
  throw new SourceError(
    'ERR_UNSUPPORTED',
    `cubes ${JSON.stringify(extension)} are not read; known are .raw, .png, .jpg, .jpeg, .j2k, .jp2, .seg, .seg.sz and .seg.sz.zip`
  )
}
