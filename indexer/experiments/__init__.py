"""Work that trains and then measures: from folders of pictures to a network with a card."""
