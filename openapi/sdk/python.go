package main

func pythonFiles(*model) ([]file, error) { return nil, nil }
