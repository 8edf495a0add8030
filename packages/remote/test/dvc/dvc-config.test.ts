import { describe, expect, it } from '@jest/globals'
import { mergeConfig, userConfigFolder } from '../../src/dvc/dvc-config.ts'
import { storageAddress } from '../../src/dvc/dvc-storage.ts'
import { parseConfigFile } from '../../src/dvc/parse-config-file.ts'

const parse = (text: string): ReturnType<typeof parseConfigFile> =>
  parseConfigFile(Buffer.from(text), 'config')

describe('parseConfigFile', () => {
  it('reads what ConfigObj writes', () => {
    const sections = parse(`\ufeff# about
before = 1
[core]
    Remote = Store   # which
    empty =
['remote "store"']
    url = "s3://bucket/a # b"
    "quoted key" = 'it is "so"'
    long = """one
two"""  # end
[cache]
type = reflink,hardlink
[cache]
dir = /x\r
`)
    expect([...sections].map(([name, section]) => [name, Object.fromEntries(section)])).toEqual([
      ['', { before: '1' }],
      ['core', { remote: 'Store', empty: '' }],
      [
        'remote "store"',
        { url: 's3://bucket/a # b', 'quoted key': 'it is "so"', long: 'one\ntwo' },
      ],
      ['cache', { type: 'reflink,hardlink', dir: '/x' }],
    ])
  })

  it('names the line of what it cannot read', () => {
    for (const text of ['[a]\nb', '[a]\n[[b]]', '[a]\n[b', 'x\n', '[a]\nk = """x\ny']) {
      expect(() => parse(text)).toThrow(/line \d+/)
    }
    expect(() => parse('x'.repeat(2 ** 21))).toThrow(/too large/)
  })
})

describe('mergeConfig', () => {
  const level = (text: string, isOwn: boolean, folder: string | undefined = '/reg/.dvc') => ({
    bytes: Buffer.from(text),
    file: 'config',
    folder,
    isOwn,
  })

  it('lets later files win and resolves paths against their folders', () => {
    const config = mergeConfig([
      level(`[core]\nremote = A\n['remote "a"']\nurl = ../store\nregion = x\n`, false),
      level(`['remote "a"']\nregion = y\n[cache]\ndir = ../cache\n`, true, '/home/.config'),
    ])
    expect(config.defaultRemote).toBe('a')
    expect(config.cacheFolder).toBe('/home/cache')
    expect(config.remotes.get('a')?.url).toEqual({ value: '/reg/store', isOwn: false })
    expect(config.remotes.get('a')?.options.get('region')).toEqual({ value: 'y', isOwn: true })
  })

  it('lets nobody but the user name files of this machine, or endpoints of accounts', () => {
    const text = `['remote "a"']\nurl = ssh://h/x\nkeyfile = ~/.ssh/id\ncredentialpath = x\nconnection_string = BlobEndpoint=https://h\n`
    const keysOf = (isOwn: boolean): readonly string[] => [
      ...(mergeConfig([level(text, isOwn)])
        .remotes.get('a')
        ?.options.keys() ?? []),
    ]
    expect(keysOf(false)).toEqual(['url'])
    expect(keysOf(true)).toEqual(['url', 'keyfile', 'credentialpath', 'connection_string'])
  })

  it('ends on remotes that name each other', () => {
    const text = `['remote "a"']\nurl = remote://b/x\n['remote "b"']\nurl = remote://a/y\n`
    expect(mergeConfig([level(text, true)]).remotes.get('a')?.url.value).toMatch(/^remote:/)
  })

  it('finds the config of the user', () => {
    expect(userConfigFolder({ DVC_GLOBAL_CONFIG_DIR: '/x' })).toBe('/x')
  })
})

describe('storageAddress', () => {
  const addressOf = (lines: string, env = {}): ReturnType<typeof storageAddress> => {
    const bytes = Buffer.from(`['remote "a"']\n${lines}`)
    const remote = mergeConfig([{ bytes, file: 'c', folder: '/r', isOwn: true }]).remotes.get('a')
    if (remote === undefined) throw new Error('no remote')
    return storageAddress(remote, env)
  }

  it('translates the remotes that our drivers read, with secrets apart', () => {
    expect(
      addressOf(
        'url = s3://b/p\nendpointurl = http://h\nregion = r\nprofile = q\naccess_key_id = k\nsecret_access_key = s\njobs = 4\n',
      ),
    ).toEqual({
      address: 's3://b/p',
      options: { endpoint: 'http://h', region: 'r' },
      secrets: { access_key_id: 'k', secret_access_key: 's' },
    })
    expect(addressOf('url = s3://b\nprofile = q\nallow_anonymous_login = True\n').options).toEqual({
      profile: 'q',
      unsigned: 'true',
    })
    expect(addressOf('url = ssh://h/a/b\nuser = u\nport = 2222\n').address).toBe(
      'sftp://u@h:2222/a/b',
    )
    expect(addressOf('url = https://h/a\n').address).toBe('https://h/a')
    expect(addressOf('url = store\n').address).toBe('/r/store')
  })

  it('finds the account that DVC leaves out of its addresses of Azure', () => {
    expect(addressOf('url = azure://box/a/b\naccount_name = mine\n').address).toBe(
      'azure://mine/box/a/b',
    )
    const connection = 'DefaultEndpointsProtocol=https;AccountName=theirs;AccountKey=x'
    expect(addressOf(`url = azure://box\nconnection_string = "${connection}"\n`)).toEqual({
      address: 'azure://theirs/box',
      options: {},
      secrets: { connection_string: connection },
    })
    const env = { AZURE_STORAGE_CONNECTION_STRING: connection }
    expect(addressOf('url = azure://box/a\n', env).address).toBe('azure://theirs/box/a')
    expect(() => addressOf('url = azure://box/a\n')).toThrow(/account_name/)
  })

  it('says which kinds of remote it does not read', () => {
    for (const url of ['gs://b', 'gdrive://x', 'webdavs://h/x', 'hdfs://h/x', 'remote://none/x']) {
      expect(() => addressOf(`url = ${url}\n`)).toThrow(/does not read/)
    }
  })
})
