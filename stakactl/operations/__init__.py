"""One file per verb: what stakactl does, told against ports, without any library of the world."""
