// OBF, which nothing but Imspector writes: the files of the tests, as two Python libraries read them.
export const kind = 'msr'
export const extension = '.obf'

export const cases = () => []
