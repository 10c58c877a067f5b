import { library } from '../../tsup.shared.js'

export default library('src/index.ts', 'src/worker.ts', 'src/processes.ts', 'src/process-writer.ts')
