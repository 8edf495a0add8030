import { memoryDriver } from '@dsv/store'

import { testStorageDriver } from './storage-driver-contract.ts'

testStorageDriver('memoryDriver', async () => memoryDriver())
