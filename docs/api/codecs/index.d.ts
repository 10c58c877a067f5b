/// <reference lib="esnext.disposable" />
import { CodecRuntime, ChunkCache } from '@bioimage/core/backend';
import { CodecSpec, Store } from '@bioimage/core';

/** The codecs for core's chunked engine. Loads a codec at its first use. */
declare const codecRuntime: CodecRuntime;

/** What a decoder may give. */
interface DecodeLimits {
	/** More bytes than this are an error, found before they are allocated if possible. */
	readonly maxBytes: number;
	/** The exact number of bytes, where it is known. */
	readonly exactBytes?: number | undefined;
	/** Bytes that it will be if nothing is wrong: room is made for so many at first. */
	readonly likelyBytes?: number | undefined;
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

/** What is known of a JPEG image without decoding it. */
interface JpegHeader {
	readonly width: number;
	readonly height: number;
	/** Samples per pixel of the decoded image. */
	readonly channels: number;
	/** Bits of a sample; more than 8 are decoded to two bytes. */
	readonly bitsPerSample: number;
}
/**
* Finds the frame header, without decoding.
*
* @throws ERR_CORRUPT_DATA if there is none; ERR_UNSUPPORTED for lossless, hierarchical and arithmetic frames.
*/
declare function parseJpegHeader(bytes: Uint8Array): JpegHeader;

/** What is known of a PNG image without decoding it. */
interface PngHeader {
	readonly width: number;
	readonly height: number;
	/** Samples per pixel of the decoded image: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. A palette is resolved. */
	readonly channels: number;
	/** Bits of a decoded sample: 1 (gray only, given as bytes of 0 and 1), 8, or 16. */
	readonly bitsPerSample: number;
}
/**
* Reads what stands before the pixels of a PNG file. Its first bytes are enough, as long as they reach the pixels.
*
* @returns `undefined` if the bytes end before that.
* @throws ERR_CORRUPT_DATA for anything else than PNG.
*/
declare function parsePngHeader(bytes: Uint8Array): PngHeader | undefined;

/** What a codec takes and gives, by the terms of Zarr v3. In a chain those of arrays come first, those of bytes last. */
type CodecKind = "array-to-array" | "array-to-bytes" | "bytes-to-bytes";
/** What is known of a codec before it is loaded. */
interface CodecDescription {
	readonly kind: CodecKind;
	/** Whether it can also encode. */
	readonly encodes: boolean;
	/** Whether it is one of this package, not added by {@link registerCodec}. */
	readonly builtIn: boolean;
}
/** Options of {@link registerCodec}. */
interface RegisterCodecOptions {
	/** Where the codec may stand in a chain. Defaults to `bytes-to-bytes`: a compression or checksum. */
	readonly kind?: CodecKind | undefined;
	/** Whether it can also encode. Defaults to true. */
	readonly encodes?: boolean | undefined;
}
/**
* Adds a codec of your own under `id`, the name that documents call it by; `load` runs at its first use.
*
* @throws ERR_DUPLICATE_KIND if the id is taken, ERR_INVALID_ARGUMENT.
*/
declare function registerCodec(id: string, load: () => Promise<Codec>, options?: RegisterCodecOptions): void;
/** Kind and abilities of a codec; `undefined` for one that is not known. */
declare function describeCodec(id: string): CodecDescription | undefined;
/** Whether a codec of this id is known. `numcodecs.gzip` and `gzip` are the same codec. */
declare function hasCodec(id: string): boolean;
/** Whether the codec is known and can also encode. */
declare function canEncode(id: string): boolean;
/** The ids of all codecs, sorted; of families those that are imported. */
declare function codecIds(): string[];

/** Options of {@link seekableStream}. */
interface SeekableStreamOptions {
	readonly format: "gzip" | "zlib";
	/** Object that holds the stream. Defaults to the root of the store. */
	readonly key?: string | undefined;
	/** First byte of the stream in the object. Defaults to 0. */
	readonly offset?: number | undefined;
	/** Bytes of the stream. */
	readonly length: number;
	/**
	* Decompressed bytes that are wanted: what lies behind them is not given, and that the stream is damaged or cut there is its end. Its
	* checksum, where there is one, must match all the same. Defaults to all.
	*/
	readonly decompressedLength?: number | undefined;
	/** Decompressed bytes between two checkpoints. Defaults to 1 MiB; it doubles as often as more than 1024 would be needed. */
	readonly span?: number | undefined;
	/** Keeps decompressed pieces; `false` for none. Defaults to one of 16 MiB for this stream. */
	readonly cache?: ChunkCache | false | undefined;
	/** What {@link SeekableStream.exportIndex} gave for the same stream: no pass over the stream is needed then. */
	readonly index?: Uint8Array | undefined;
	/**
	* Whether the index stays in `cache` when the stream is closed, as long as there is room, and is taken from there by whoever opens the
	* same stream again. Defaults to false.
	*/
	readonly keepIndex?: boolean | undefined;
	readonly signal?: AbortSignal | undefined;
}
/** The decompressed bytes of a stream, as a store of one object with the key `""`. */
interface SeekableStream extends Store {
	/** Checkpoints, after a pass over what is left of the stream, for {@link SeekableStreamOptions.index}. */
	exportIndex(options?: {
		readonly signal?: AbortSignal | undefined;
	}): Promise<Uint8Array>;
	/** Whether all of the stream can be reached without a further pass. */
	readonly isIndexed: boolean;
}
/**
* Gives random access to a compressed stream. The first pass, which goes no further than reads need, remembers where decoding can
* begin again; later reads decode only the pieces that they meet, and are held to the checksums of the first pass.
*
* The stream's own checksum lies behind all that it is of. The first pass gives pieces out before it has seen that: damage is noticed when
* the pass meets it, or the checksum. From then on every read fails, of pieces that were given out before too; `size` and `exportIndex`
* make the pass.
*
* Memory: 32 KiB per checkpoint, at most 32 MiB, and the cache.
*
* @throws ERR_CORRUPT_DATA for an `index` of another stream; from reads, for damage.
*/
declare function seekableStream(store: Store, options: SeekableStreamOptions): Promise<SeekableStream>;

export { type Codec, type CodecDescription, type CodecKind, type DecodeLimits, type JpegHeader, type PngHeader, type RegisterCodecOptions, type SeekableStream, type SeekableStreamOptions, canEncode, codecIds, codecRuntime, decodeBytes, describeCodec, encodeBytes, hasCodec, parseJpegHeader, parsePngHeader, registerCodec, seekableStream };
