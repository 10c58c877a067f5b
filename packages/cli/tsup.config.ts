import { library } from '../../tsup.shared.js'

// A program: nobody imports it, so it has no types to publish.
export default { ...library(), onSuccess: undefined, platform: 'node' as const, removeNodeProtocol: false }
