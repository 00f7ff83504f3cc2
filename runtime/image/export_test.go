package image

// FromArchive is seen by the fuzz target, which has no file to open.
var FromArchive = fromArchive
