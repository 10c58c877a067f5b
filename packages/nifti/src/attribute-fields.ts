/** Fields of the header that a new file takes from its attributes. */
export const freeFields = [
  'pixdim',
  'xyzt_units',
  'intent_code',
  'intent_p1',
  'intent_p2',
  'intent_p3',
  'intent_name',
  'dim_info',
  'slice_start',
  'slice_end',
  'slice_code',
  'slice_duration',
  'toffset',
  'cal_max',
  'cal_min',
  'descrip',
  'aux_file',
  'qform_code',
  'sform_code',
  'quatern_b',
  'quatern_c',
  'quatern_d',
  'qoffset_x',
  'qoffset_y',
  'qoffset_z',
  'srow_x',
  'srow_y',
  'srow_z'
] as const

/** Fields that follow from the array: the attributes of another file may hold them, without effect. */
export const derivedFields: readonly string[] = 'sizeof_hdr dim datatype bitpix vox_offset scl_slope scl_inter glmin magic'.split(' ')
