import { afterEach } from '@jest/globals'
import { testStorageDriver } from '../../../../store/test/driver/storage-driver-contract.ts'
import { closeServers, openServedFolder } from '../../serve/open-storage.ts'

afterEach(closeServers)

testStorageDriver('httpDriver over a served folder', openServedFolder)
