"""Work that trains and then measures: from folders of pictures to a network with a card.

`distilling` and `finetuning` train, and `reading` reads back what they leave; begin with the
`training` of one of them. They are made of `comparing`, `pictures` and `telling`, and all of them
stand on `runs`, the folders on disk. Imports go one way only.
"""
