import { type Context, SourceError } from '@bioimage/core'
import type { ObjectAddress } from './address.js'
import { type NodePlatform, nodePlatform } from './node-platform.js'
import { type ProfileSection, parseProfiles } from './profile.js'

/** Keys that sign requests. */
export interface SigningKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | undefined
}

/** How requests prove who sends them. */
export type Authorization =
  | { readonly type: 'anonymous' }
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'signed'; readonly keys: SigningKeys }

/** Where the server is and how it is spoken to. */
export interface ServerSettings {
  readonly endpoint: string | undefined
  readonly region: string | undefined
  readonly addressing: 'path' | 'virtual' | undefined
  readonly requesterPays: boolean
  /** Project that pays for requests to Google. */
  readonly userProject: string | undefined
}

/** Looks up settings: in the context, which is read anew each time so that a token may change, then in Node's surroundings. */
export class Settings {
  readonly #address: ObjectAddress
  readonly #context: Context
  readonly #node: NodePlatform | undefined

  constructor(address: ObjectAddress, context: Context, node: NodePlatform | undefined = nodePlatform()) {
    this.#address = address
    this.#context = context
    this.#node = node
  }

  /** @throws ERR_INVALID_ARGUMENT for a setting that is not understood. */
  async server(): Promise<ServerSettings> {
    const { protocol, endpoint } = this.#address
    const addressing = this.#given('addressing')
    if (addressing !== undefined && addressing !== 'path' && addressing !== 'virtual')
      throw new SourceError('ERR_INVALID_ARGUMENT', `the setting ${protocol}.addressing of the context is "path" or "virtual"`)
    const common = { addressing, requesterPays: this.#given('requesterPays') === 'true', userProject: this.#given('userProject') } as const
    if (protocol === 'gs') return { ...common, endpoint: endpoint ?? this.#given('endpoint'), region: this.#given('region') }
    const profile = await this.#profile()
    const environment = this.#node?.environment
    return {
      ...common,
      endpoint:
        endpoint ?? this.#given('endpoint') ?? environment?.AWS_ENDPOINT_URL_S3 ?? environment?.AWS_ENDPOINT_URL ?? profile.endpoint_url,
      region: this.#given('region') ?? environment?.AWS_REGION ?? environment?.AWS_DEFAULT_REGION ?? profile.region
    }
  }

  /** @throws ERR_INVALID_ARGUMENT for half a pair of keys. */
  async authorization(): Promise<Authorization> {
    const { protocol } = this.#address
    if (this.#given('anonymous') === 'true') return { type: 'anonymous' }
    const token = protocol === 'gs' ? this.#secret('accessToken') : undefined
    if (token !== undefined) return { type: 'bearer', token }
    const given = this.#keys(this.#secret('accessKeyId'), this.#secret('secretAccessKey'), this.#secret('sessionToken'), 'the context')
    if (given !== undefined) return given
    if (!this.#isTrusted()) return { type: 'anonymous' }
    const environment = this.#node?.environment ?? {}
    if (protocol === 'gs') {
      const token = environment.GOOGLE_OAUTH_ACCESS_TOKEN ?? environment.CLOUDSDK_AUTH_ACCESS_TOKEN
      return token === undefined ? { type: 'anonymous' } : { type: 'bearer', token }
    }
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } = environment
    const found = this.#keys(id, secret, session, 'the environment')
    if (found !== undefined) return found
    const profile = await this.#profile()
    return (
      this.#keys(profile.aws_access_key_id, profile.aws_secret_access_key, profile.aws_session_token, 'the profile') ?? {
        type: 'anonymous'
      }
    )
  }

  /** A setting of the context: for the server that the path names, for this bucket, or for all. */
  #given(name: string): string | undefined {
    const { protocol, bucket } = this.#address
    const settings = this.#context.credentials
    return this.#givenForServer(name) ?? settings?.[`${protocol}.${bucket}.${name}`] ?? settings?.[`${protocol}.${name}`]
  }

  #givenForServer(name: string): string | undefined {
    const { protocol, endpoint } = this.#address
    return endpoint === undefined ? undefined : this.#context.credentials?.[`${protocol}.${originOf(endpoint)}.${name}`]
  }

  /** A credential. One that is not bound to a server must not go to any that a path names: paths come from anywhere. */
  #secret(name: string): string | undefined {
    return this.#isTrusted() ? this.#given(name) : this.#givenForServer(name)
  }

  /** Whether the server is the usual one, or one that the context names, not the path alone. */
  #isTrusted(): boolean {
    const { endpoint } = this.#address
    if (endpoint === undefined) return true
    const known = this.#given('endpoint')
    return known !== undefined && originOf(known) === originOf(endpoint)
  }

  #keys(id: string | undefined, secret: string | undefined, sessionToken: string | undefined, where: string): Authorization | undefined {
    if ((id ?? '') === '' && (secret ?? '') === '') return undefined
    if (id === undefined || secret === undefined || id === '' || secret === '') {
      throw new SourceError(
        'ERR_INVALID_ARGUMENT',
        `${where} gives one half of a pair of keys for ${this.#address.protocol}://${this.#address.bucket}`
      )
    }
    return {
      type: 'signed',
      keys: { accessKeyId: id, secretAccessKey: secret, sessionToken: sessionToken === '' ? undefined : sessionToken }
    }
  }

  /** The settings of the chosen profile, those of `credentials` before those of `config`. */
  async #profile(): Promise<ProfileSection> {
    const node = this.#node
    if (node === undefined) return {}
    const { environment, home } = node
    const name = environment.AWS_PROFILE ?? environment.AWS_DEFAULT_PROFILE ?? 'default'
    const files = [
      environment.AWS_CONFIG_FILE ?? `${home}/.aws/config`,
      environment.AWS_SHARED_CREDENTIALS_FILE ?? `${home}/.aws/credentials`
    ]
    const texts = await Promise.all(files.map((file) => readOnce(node, file)))
    return Object.assign({}, ...texts.map((text) => parseProfiles(text).get(name) ?? {}))
  }
}

function originOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint
}

/** Files are read at first use and again after a minute: tools replace keys that expire. */
const freshMs = 60_000
const texts = new Map<string, { readonly text: Promise<string>; readonly at: number }>()

function readOnce(node: NodePlatform, file: string): Promise<string> {
  const known = texts.get(file)
  if (known !== undefined && Date.now() - known.at < freshMs) return known.text
  const text = node.readText(file).then((found) => found ?? '')
  texts.set(file, { text, at: Date.now() })
  return text
}
