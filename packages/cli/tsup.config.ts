import { library } from '../../tsup.shared.js'

// A program: nobody imports it, so it has no types to publish.
export default { ...library('src/main.ts'), dts: false, platform: 'node' as const, removeNodeProtocol: false }
