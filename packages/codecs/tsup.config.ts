import { library } from '../../tsup.shared.js'

export default library('src/index.ts', 'src/image.ts', 'src/hdf5.ts')
