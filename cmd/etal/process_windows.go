package main

// processGone trusts the socket here: a node that no longer answers has ended.
func processGone(int) bool { return true }
