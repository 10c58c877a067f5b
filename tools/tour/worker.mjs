// Opens a source from its spec in another thread and fills the memory that both threads see.
import { parentPort, workerData } from 'node:worker_threads'

const { spec, shared, core, backend } = workerData
const { fromSpec } = await import(core)
await import(backend)

const source = await fromSpec(spec)
await source.get('...', { out: new Uint16Array(shared) })
await source.close()
parentPort.postMessage({ kind: source.kind, dtype: source.dtype, shape: source.shape })
