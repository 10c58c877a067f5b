/// <reference lib="esnext.disposable" />
import { CodecRuntime } from '@bioimage/core/backend';
import { CodecSpec } from '@bioimage/core';

/** The codecs for core's chunked engine. Loads a codec at its first use. */
declare const codecRuntime: CodecRuntime;

/** What a decoder may give. */
interface DecodeLimits {
    /** More bytes than this are an error, found before they are allocated if possible. */
    readonly maxBytes: number;
    /** The exact number of bytes, where it is known. */
    readonly exactBytes?: number | undefined;
}
/** A codec of a third party, for {@link registerCodec}. Results must not alias memory that it uses again. */
interface Codec {
    decode(encoded: Uint8Array, spec: CodecSpec, limits: DecodeLimits): Uint8Array | Promise<Uint8Array>;
    encode?(decoded: Uint8Array, spec: CodecSpec): Uint8Array | Promise<Uint8Array>;
    /** Longest encoding of `byteLength` bytes. Defaults to an eighth and 64 KiB more. */
    maxEncodedBytes?(byteLength: number, spec: CodecSpec): number;
}

/**
 * Decodes a whole stream with one codec.
 *
 * @throws ERR_CORRUPT_DATA if the stream is damaged, longer than `maxBytes`, or not of `exactBytes`; ERR_UNSUPPORTED for an
 * unknown codec; ERR_INVALID_ARGUMENT for an option of the wrong type.
 */
declare function decodeBytes(codec: CodecSpec, bytes: Uint8Array, limits: DecodeLimits): Promise<Uint8Array>;
/**
 * Encodes a whole stream with one codec. The result may be `bytes` itself where there is nothing to do.
 *
 * @throws ERR_UNSUPPORTED for an unknown codec and one that cannot encode; ERR_INVALID_ARGUMENT for an option of the wrong type.
 */
declare function encodeBytes(codec: CodecSpec, bytes: Uint8Array): Promise<Uint8Array>;

/**
 * Adds a codec of your own under `id`; `load` runs at its first use.
 *
 * @throws ERR_DUPLICATE_KIND if the id is taken.
 */
declare function registerCodec(id: string, load: () => Promise<Codec>, options?: {
    readonly encodes?: boolean;
}): void;
/** Whether a codec of this id is known. `numcodecs.gzip` and `gzip` are the same codec. */
declare function hasCodec(id: string): boolean;
/** Whether the codec is known and can also encode. */
declare function canEncode(id: string): boolean;
/** The ids of all codecs, sorted. */
declare function codecIds(): string[];

export { type Codec, type DecodeLimits, canEncode, codecIds, codecRuntime, decodeBytes, encodeBytes, hasCodec, registerCodec };
