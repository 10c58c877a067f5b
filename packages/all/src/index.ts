/** Every backend of `@bioimage`: importing this package registers them all. */
import '@bioimage/mrc'
import '@bioimage/zarr'
