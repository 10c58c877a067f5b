export { type WkwParams, type WkwSource, type WkwSpec, wkw } from './wkw/driver.js'
